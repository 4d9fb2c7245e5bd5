"""documents.py COMMANDS.json SOURCE: prints what documents say that is not so.

COMMANDS.json is what `mudra help --json` prints. Checked in every Markdown file of SOURCE, and in the examples of
the program's own help: commands of mudra and their options; options in backticks, which must be some command's;
targets of make; relative links and their anchors.
"""
import json
import pathlib
import re
import subprocess
import sys

commands = {c["command"]: c for c in json.load(open(sys.argv[1]))}
source = pathlib.Path(sys.argv[2])
options_of = {
    name: {n for o in c["options"] for n in o["names"] if n.startswith("-")} for name, c in commands.items()
}
every_option = set.union(*options_of.values())
targets = set(re.findall(r"^([a-z][a-z-]*):", (source / "Makefile").read_text(), re.M))
problems = []


def check_call(where, text):
    """text: "mudra data info leap.npz --sheet leap.png", as a person would type it"""
    words = text.split()
    name = words.pop(0)
    while words and f"{name} {words[0]}" in commands:
        name += " " + words.pop(0)
    if name == "mudra" and words and re.fullmatch("[a-z]+", words[0]):
        problems.append(f"{where}: there is no command 'mudra {words[0]}'")
        return
    for option in re.findall(r"(?<![\w-])--[a-z][a-z-]*", " ".join(words)):
        if option not in options_of[name]:
            problems.append(f"{where}: '{name}' has no option {option}")


def check_calls(where, text):
    # Up to what ends a command: a comment, a pipe, another command.
    for call in re.findall(r"(?<![\w/.:-])mudra(?: +(?![#|>;]|&&)[^\s`]+)+", text):
        check_call(where, call)


def anchors_of(document):
    headings = re.findall(r"^#+ +(.*)$", document, re.M)
    return {re.sub(r"[^\w\- ]", "", h.lower()).replace(" ", "-") for h in headings}


def check_links(where, path, text):
    for link in re.findall(r"\]\(([^)\s]+)\)", text):
        if re.match(r"[a-z]+:", link):
            continue
        file, _, anchor = link.partition("#")
        target = path.parent / file if file else path
        if not target.exists():
            problems.append(f"{where}: dead link {link}")
        elif anchor and anchor not in anchors_of(target.read_text()):
            problems.append(f"{where}: {link}: there is no such heading")


def check_document(path):
    where = path.relative_to(source)
    text = path.read_text()
    check_links(where, path, text)
    joined = text.replace("\\\n", " ")
    code = re.findall(r"^(?: {4}|\t)(.*)$", joined, re.M)
    for block in re.findall(r"^```.*?\n(.*?)^```", joined, re.M | re.S):
        code += block.splitlines()
    spans = [" ".join(span.split()) for span in re.findall(r"(?<!`)`([^`]+)`(?!`)", joined)]
    for line in code + spans:
        check_calls(where, line)
        for target in re.findall(r"(?<![\w-])make ([a-z][a-z-]*)", line):
            if target not in targets:
                problems.append(f"{where}: there is no target 'make {target}'")
    for span in spans:
        if span.startswith("--") and span.split()[0].split("=")[0] not in every_option:
            problems.append(f"{where}: no command has the option {span}")


documents = subprocess.run(["git", "-C", source, "ls-files", "*.md"], capture_output=True, text=True).stdout.split()
for document in documents or sys.exit("no documents"):
    check_document(source / document)
for name, command in commands.items():
    for line in command["footer"].splitlines():
        check_calls(f"mudra {name} --help", line)
print("\n".join(problems), end="\n" if problems else "")
