"""Reads ESP-IDF's own Kconfig files and this firmware's for the ESP32-S3, and applies sdkconfig.defaults.

Usage: check_configuration.py IDF_FOLDER OUT_HEADER [MORE_DEFAULTS...] [--kconfig FILE...]

Fails for a setting that does not exist or does not take effect; writes the sdkconfig.h that ESP-IDF's build would.
Needs kconfiglib (Debian: python3-kconfiglib).
"""
import argparse
import os
import pathlib
import re
import sys
import tempfile

import kconfiglib


class Kconfig(kconfiglib.Kconfig):
    """With what ESP-IDF 5.5 added to the language: menus with a help, and warnings."""

    def _parse_help(self, node):
        if not hasattr(node, "help"):
            node.help = None
        super()._parse_help(node)


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("idf", type=pathlib.Path)
    parser.add_argument("header", type=pathlib.Path)
    parser.add_argument("defaults", type=pathlib.Path, nargs="+")
    parser.add_argument("--kconfig", type=pathlib.Path, nargs="*", default=[])
    return parser.parse_args()


def sourced(folder, name, files):
    """A file in `folder` that sources `files`, as ESP-IDF's build generates it."""
    path = pathlib.Path(folder) / name
    path.write_text("".join(f'source "{file}"\n' for file in files))
    return path


def read_kconfig(arguments, folder):
    components = sorted((arguments.idf / "components").glob("*"))
    menus = [c / "Kconfig" for c in components if (c / "Kconfig").exists()]
    projects = [c / "Kconfig.projbuild" for c in components if (c / "Kconfig.projbuild").exists()]
    own = [file.resolve() for file in arguments.kconfig]
    version = re.findall(r"IDF_VERSION_(?:MAJOR|MINOR|PATCH) (\d+)",
                         (arguments.idf / "tools/cmake/version.cmake").read_text())
    os.environ.update({
        "IDF_PATH": str(arguments.idf.resolve()), "IDF_TARGET": "esp32s3", "IDF_TOOLCHAIN": "gcc",
        "IDF_VERSION": ".".join(version), "IDF_INIT_VERSION": ".".join(version), "IDF_ENV_FPGA": "",
        "COMPONENT_KCONFIGS_SOURCE_FILE":
            str(sourced(folder, "menus", menus + [f for f in own if f.suffix != ".projbuild"])),
        "COMPONENT_KCONFIGS_PROJBUILD_SOURCE_FILE":
            str(sourced(folder, "projects", projects + [f for f in own if f.suffix == ".projbuild"])),
    })
    os.chdir(arguments.idf)
    return Kconfig("Kconfig", warn=False)


def wrong_settings(config, path, later):
    """Sentences about lines of `path` that do not exist or do not hold. Those of `later` files come after it."""
    changed = {re.split("=", line)[0].removeprefix("CONFIG_") for file in later
               for line in file.read_text().splitlines()}
    for line in path.read_text().splitlines():
        setting = re.fullmatch(r"CONFIG_(\w+)=(.*)", line)
        if not setting:
            continue
        name, value = setting.groups()
        symbol = config.syms.get(name)
        if symbol is None or not symbol.nodes:
            yield f"{path.name}: there is no {name}"
        elif name in changed or (symbol.choice and any(member.name in changed for member in symbol.choice.syms)):
            continue  # another of the choice, by intention
        elif symbol.str_value != value.strip('"'):
            yield f"{path.name}: {name} is {symbol.str_value!r} in spite of {value}"


def main():
    arguments = parse_arguments()
    arguments.header = arguments.header.resolve()
    defaults = [path.resolve() for path in arguments.defaults]
    arguments.kconfig = [path.resolve() for path in arguments.kconfig]
    arguments.idf = arguments.idf.resolve()
    with tempfile.TemporaryDirectory() as folder:
        config = read_kconfig(arguments, folder)
        for path in defaults:
            config.load_config(str(path), replace=False)
    wrong = [sentence for i, path in enumerate(defaults)
             for sentence in wrong_settings(config, path, defaults[i + 1:])]
    for sentence in wrong:
        print(sentence, file=sys.stderr)
    config.write_autoconf(str(arguments.header), header="#pragma once\n")
    settings = sum(line.startswith("CONFIG_") for path in defaults for line in path.read_text().splitlines())
    print(f"ESP-IDF {os.environ['IDF_VERSION']}: {settings - len(wrong)} of {settings} settings take effect")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
