"""Reads the firmware's project as ESP-IDF's build does: partition table, component manifests, Kconfig, defaults.

Usage: esp_idf_project.py SOURCE_FOLDER BOARDS_JSON [PARTITIONS_CSV...]
BOARDS_JSON is what `mudra deploy --board list --json` prints. Prints a sentence for each fault, exit 1 if there is one.
"""
import json
import pathlib
import re
import sys

faults = []


def fault(where, text):
    faults.append(f"{where}: {text}")


# gen_esp32part.py of ESP-IDF 5.3 to 6.0: its table, its limits.
SUBTYPES = {"app": {"factory", "test", *(f"ota_{i}" for i in range(16))},
            "data": {"ota", "phy", "nvs", "coredump", "nvs_keys", "efuse", "undefined", "esphttpd", "fat", "spiffs",
                     "littlefs"}}
FIRST_OFFSET = 0x9000  # behind the table at 0x8000, one sector
MOST_ENTRIES, MOST_NAME_BYTES = 95, 16


def size_of(text):
    factor = {"K": 1 << 10, "M": 1 << 20}.get(text[-1:].upper(), 1)
    return int(text[:-1] if factor > 1 else text, 0) * factor


def read_partitions(path):
    """(name, type, offset, end) of each, faults reported."""
    partitions, end = [], FIRST_OFFSET
    for number, line in enumerate(path.read_text().splitlines(), 1):
        where = f"{path.name}:{number}"
        line = line.strip()
        if not line or line.startswith("#"):
            continue
        cells = [cell.strip() for cell in line.split(",")] + ["", ""]
        name, kind, subtype, offset, size, flags = cells[:6]
        if not name or len(name.encode()) > MOST_NAME_BYTES:
            fault(where, f"a partition's name has 1 to {MOST_NAME_BYTES} bytes, not {len(name.encode())}")
        if kind not in SUBTYPES:
            fault(where, f"there is no type '{kind}'")
            continue
        if subtype not in SUBTYPES[kind]:
            try:
                number_of_subtype = int(subtype, 0)
            except ValueError:
                number_of_subtype = -1
            if kind == "app" or not 0x40 <= number_of_subtype <= 0xFE:
                fault(where, f"there is no subtype '{subtype}' of {kind}, and own ones are 0x40 to 0xfe")
        if flags not in ("", "encrypted", "readonly"):
            fault(where, f"there is no flag '{flags}'")
        alignment = 0x10000 if kind == "app" else 0x1000
        begin = size_of(offset) if offset else (end + alignment - 1) // alignment * alignment
        if begin % alignment != 0:
            fault(where, f"offset {begin:#x} is no multiple of {alignment:#x}")
        if begin < end:
            fault(where, f"offset {begin:#x} lies before {end:#x}, where the one before ends")
        if not size or size_of(size) <= 0:
            fault(where, "has no size")
            continue
        if kind == "app" and size_of(size) % 0x1000 != 0:
            fault(where, f"size {size_of(size):#x} is no multiple of 0x1000")
        end = begin + size_of(size)
        partitions.append((name, kind, begin, end))
    names = [name for name, *_ in partitions]
    for name in {name for name in names if names.count(name) > 1}:
        fault(path.name, f"'{name}' is there twice")
    if len(partitions) > MOST_ENTRIES:
        fault(path.name, f"{len(partitions)} partitions are more than {MOST_ENTRIES}")
    if not any(kind == "app" for _, kind, *_ in partitions):
        fault(path.name, "has no app")
    return partitions


def check_fits(path, partitions, flash_bytes, board):
    end = max((partition[3] for partition in partitions), default=0)
    if end > flash_bytes:
        fault(path.name, f"ends at {end:#x}, more than the {flash_bytes:#x} of {board}")


# The component manager's: name, version ranges.
VERSION = r"\d+(\.\d+(\.\d+([~-][\w.]+)?)?)?"
RANGE = rf"(\*|[\^~]?{VERSION}|(==|!=|>=|<=|>|<|~=){VERSION}(,(==|!=|>=|<=|>|<|~=){VERSION})*)"


def check_manifest(path):
    lines = [re.sub(r"\s+#.*", "", line) for line in path.read_text().splitlines()]
    lines = [line for line in lines if line.strip() and not line.startswith("#")]
    if not lines or lines[0] != "dependencies:":
        return fault(path, "does not begin with dependencies:")
    names = []
    for line in lines[1:]:
        indent, text = len(line) - len(line.lstrip()), line.strip()
        if indent == 2:
            entry = re.fullmatch(r'([\w/-]+):(?:\s+"(.*)")?', text)
            if not entry:
                fault(path, f"'{text}' is no dependency")
                continue
            names.append(entry[1])
            if entry[1] != "idf" and not re.fullmatch(r"[a-z0-9-]+/[a-z0-9_-]+", entry[1]):
                fault(path, f"'{entry[1]}' is no NAMESPACE/COMPONENT")
            if entry[2] is not None and not re.fullmatch(RANGE, entry[2]):
                fault(path, f"'{entry[2]}' is no range of versions")
        elif indent == 4:
            version = re.fullmatch(r'version: "(.*)"', text)
            if text != "rules:" and not (version and re.fullmatch(RANGE, version[1])):
                fault(path, f"'{text}' is neither rules nor a range of versions")
        elif not re.fullmatch(rf'- if: "(idf_version|target) ?(==|!=|>=|<=|>|<|in|not in) ?.+"', text):
            fault(path, f"'{text}' is no rule")
    if "idf" not in names:
        fault(path, "does not say with which ESP-IDF it goes")


class Symbol:
    def __init__(self, where):
        self.where, self.type, self.range, self.defaults = where, None, None, []


class Kconfig:
    """Symbols with types, ranges and defaults; menus and choices are closed, what is named exists."""

    def __init__(self, path):
        self.symbols, self.choices, self.used = {}, [], set()
        self.read(path)

    def read(self, path):
        open_blocks, entry, help_indent = [], None, None
        for number, line in enumerate(path.read_text().splitlines(), 1):
            where, text = f"{path.name}:{number}", line.strip()
            indent = len(line) - len(line.lstrip())
            if "\t" in line:
                fault(where, "a tab")
            if help_indent is not None and (not text or indent > help_indent):
                continue
            help_indent = None
            if not text or text.startswith("#"):
                continue
            word, _, rest = text.partition(" ")
            if word in ("config", "menuconfig"):
                if rest in self.symbols:
                    fault(where, f"{rest} is there twice")
                entry = self.symbols[rest] = Symbol(where)
                if open_blocks and open_blocks[-1][0] == "choice":
                    self.choices[-1].append(rest)
            elif word in ("menu", "choice", "if"):
                open_blocks.append((word, where))
                if word == "choice":
                    self.choices.append([])
                    entry = Symbol(where)
                if word == "if":
                    self.use(rest)
            elif word in ("endmenu", "endchoice", "endif"):
                if not open_blocks or open_blocks.pop()[0] != word[3:]:
                    fault(where, f"{word} closes nothing")
            elif word == "rsource":
                source = path.parent / rest.strip('"')
                self.read(source) if source.exists() else fault(where, f"there is no {source.name}")
            elif word in ("bool", "int", "string", "hex"):
                entry.type = word
            elif word == "range":
                entry.range = [int(side, 0) for side in rest.split()]
            elif word in ("default", "depends", "select", "prompt", "visible"):
                if word == "default":
                    value, _, condition = rest.partition(" if ")
                    entry.defaults.append((value.strip(), condition))
                    self.use(f"{value} {condition}")
                elif word != "prompt":
                    self.use(rest)
            elif word == "help":
                help_indent = indent
            elif word != "comment":
                fault(where, f"'{word}' is no word of Kconfig that is used here")
        for kind, where in open_blocks:
            fault(where, f"a {kind} that is not closed")

    def use(self, expression):
        self.used |= set(re.findall(r"\bMUDRA_\w+", re.sub(r'"[^"]*"', "", expression)))

    def check(self):
        for name in self.used - self.symbols.keys():
            fault("Kconfig", f"{name} is named and does not exist")
        for name, symbol in self.symbols.items():
            if symbol.type is None:
                fault(symbol.where, f"{name} has no type")
            for value, _ in symbol.defaults:
                if symbol.type == "int" and (not symbol.range or
                                             not symbol.range[0] <= int(value, 0) <= symbol.range[1]):
                    fault(symbol.where, f"the default {value} of {name} is outside of its range {symbol.range}")

    def default_of(self, name, chosen):
        """Where the symbols of `chosen` are y; None for a symbol that does not exist."""
        for value, condition in self.symbols[name].defaults if name in self.symbols else []:
            if not condition or any(word.strip() in chosen for word in condition.split("||")):
                return value
        return None


def check_names(kconfig, source):
    """Every CONFIG_MUDRA_ that a source names exists, and every symbol is named by something."""
    named = set()
    files = [file for folder in ("firmware", "device") for file in (source / folder).rglob("*")
             if file.suffix in (".cpp", ".hpp", ".h", ".S", ".txt", ".defaults") and "build" not in file.parts]
    for file in files:
        for name in re.findall(r"CONFIG_(MUDRA_\w+)", file.read_text()):
            if name == "MUDRA_" or f"CONFIG_{name}" == "CONFIG_MUDRA_ENGINE_":
                continue
            named.add(name)
            if name not in kconfig.symbols:
                fault(file.relative_to(source), f"CONFIG_{name} does not exist in Kconfig")
    for name, symbol in kconfig.symbols.items():
        if name not in named and name not in kconfig.used:
            fault(symbol.where, f"nothing obeys {name}")


def check_defaults(kconfig, path):
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if not line.startswith("CONFIG_"):
            if line and not line.startswith("#"):
                fault(f"{path.name}:{number}", "is neither a setting nor a comment")
            continue
        name, equals, value = line.partition("=")
        name = name.removeprefix("CONFIG_")
        if not equals or not re.fullmatch(r'y|n|-?\d+|0x[\da-fA-F]+|"[^"]*"', value):
            fault(f"{path.name}:{number}", f"'{value}' is no value")
        if name.startswith("MUDRA_") and name not in kconfig.symbols:
            fault(f"{path.name}:{number}", f"CONFIG_{name} does not exist")


def check_board(kconfig, board, defaults):
    """What menuconfig gives this board is what the program says of it."""
    symbol = "MUDRA_BOARD_" + board["name"].upper().replace("-", "_")
    if f"CONFIG_{symbol}=y" not in defaults or symbol not in kconfig.symbols:
        return fault(board["name"], f"nothing chooses {symbol}")
    want = {"MUDRA_CAMERA": board["camera"] is not None}
    if camera := board["camera"]:
        for name in ("pwdn", "reset", "xclk", "sda", "scl", "vsync", "href", "pclk", "xclk_mhz", "vflip", "mirror"):
            want[f"MUDRA_CAMERA_{name.upper()}"] = camera[name]
        want |= {f"MUDRA_CAMERA_D{i}": pin for i, pin in enumerate(camera["data"])}
        want["MUDRA_CAMERA_QUARTER_TURNS"] = camera["rotation"] // 90
        want["MUDRA_CAMERA_AXP2101"] = "axp2101" in camera
        if power := camera.get("axp2101"):
            want |= {"MUDRA_CAMERA_AXP2101_SDA": power["sda"], "MUDRA_CAMERA_AXP2101_SCL": power["scl"]}
            want |= {f"MUDRA_CAMERA_AXP2101_ALDO{i + 1}_MV": mv for i, mv in enumerate(power["aldo_millivolts"])}
    led = board["led"] or {"pin": -1, "kind": "plain", "active_low": False, "open_drain": False}
    want |= {"MUDRA_LED_PIN": led["pin"], "MUDRA_LED_WS2812": led["kind"] == "ws2812",
             "MUDRA_LED_ACTIVE_LOW": led["active_low"], "MUDRA_LED_OPEN_DRAIN": led["open_drain"]}
    for name, value in want.items():
        got = kconfig.default_of(name, {symbol})
        if got != (("y" if value else "n") if isinstance(value, bool) else str(value)):
            fault(board["name"], f"{name} is {got} in menuconfig, {value} in the program")
    if f"CONFIG_ESPTOOLPY_FLASHSIZE_{board['flash_bytes'] >> 20}MB=y" not in defaults:
        fault(board["name"], "its defaults have another size of flash")
    if board["psram"] != "0" and f"CONFIG_SPIRAM_MODE_{board['psram'].split()[-1][:3].upper()}" not in defaults:
        fault(board["name"], "its defaults have another mode of PSRAM")


def main():
    source, boards = pathlib.Path(sys.argv[1]), json.loads(pathlib.Path(sys.argv[2]).read_text())
    firmware = source / "firmware"
    tables = [firmware / "partitions.csv", *map(pathlib.Path, sys.argv[3:])]
    for path in tables:
        partitions = read_partitions(path)
        if path == tables[0]:
            for board in boards + [{"name": "the smallest board", "flash_bytes": 4 << 20}]:
                check_fits(path, partitions, board["flash_bytes"], board["name"])
    manifests = sorted(firmware.rglob("idf_component.yml"))
    for manifest in manifests:
        check_manifest(manifest)
    kconfig = Kconfig(firmware / "main/Kconfig.projbuild")
    kconfig.check()
    check_names(kconfig, source)
    check_defaults(kconfig, firmware / "sdkconfig.defaults")
    files = {path.stem: path for path in (firmware / "boards").glob("*.defaults")}
    for board in boards:
        if board["name"] not in files:
            fault(board["name"], "has no file in firmware/boards")
            continue
        check_defaults(kconfig, files[board["name"]])
        check_board(kconfig, board, files[board["name"]].read_text())
    for sentence in faults:
        print(sentence, file=sys.stderr)
    print(f"{len(tables)} partition tables, {len(manifests)} manifests, {len(kconfig.symbols)} symbols, "
          f"{len(boards)} boards: {len(faults)} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
