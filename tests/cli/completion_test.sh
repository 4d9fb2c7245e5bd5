# The completions know the program's commands, options and values.
expect_exit 2 "$MUDRA" completion tcsh
expect_exit 0 "$MUDRA" completion bash
cp out completion.bash

# completed LINE: what bash offers for the last word of `mudra LINE`, in one line.
completed() {
  (
    source ./completion.bash
    IFS=' ' read -ra COMP_WORDS <<<"mudra $1"
    [[ $1 != *' ' ]] || COMP_WORDS+=("")
    COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
    _mudra
    echo "${COMPREPLY[*]:-}"
  )
}
expect_completion() { [ "$(completed "$1")" = "$2" ] || fail "'mudra $1' is completed to '$(completed "$1")'"; }
expect_completion "tr" "train"
expect_completion "data " "prepare info synth split -h --help"
expect_completion "data info --she" "--sheet"
expect_completion "train --split " "given subject loso random"
expect_completion "train --split l" "loso"
expect_completion "completion " "bash zsh fish"
expect_completion "evaluate run/mod" ""  # files, by the shell itself
expect_completion "evaluate run/model.pth --spl" "--split"

for shell in zsh fish; do
  expect_exit 0 "$MUDRA" completion "$shell"
  cp out "completion.$shell"
  ! command -v "$shell" >/dev/null || expect_exit 0 "$shell" -n "completion.$shell"
done
if command -v fish >/dev/null; then
  expect_exit 0 env HOME="$PWD" fish -c 'source completion.fish; complete -C "mudra train --split "'
  expect_text out loso
  expect_exit 0 env HOME="$PWD" fish -c 'source completion.fish; complete -C "mudra data "'
  expect_text out prepare
fi
