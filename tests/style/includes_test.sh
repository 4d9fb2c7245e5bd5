# Every module includes only the modules it may use; the list is the architecture.
cd "$MUDRA_SOURCE"
allowed() {
  case $1 in
    base | device) echo "" ;;
    data | graph) echo "base device" ;;
    train) echo "base data graph" ;;
    format) echo "base graph device" ;;
    quant) echo "base graph device" ;;
    s3) echo "base" ;;
    sim) echo "base graph device format quant s3" ;;
    deploy) echo "base graph format device sim" ;;
    report) echo "base data graph" ;;
    studio) echo "base data deploy" ;;
    pipeline) echo "base data device graph train format quant sim deploy report" ;;
    cli) echo "base data device graph train format quant sim deploy report studio pipeline" ;;
    *) echo "unlisted" ;;
  esac
}

# violations ROOT: lines "FILE includes MODULE" for every include that is not allowed below ROOT.
violations() {
  local folder module may file used
  for folder in "$1"/mudra/*/ "$1"/device/; do
    [ -d "$folder" ] || continue
    module=$(basename "$folder")
    may=" $module $(allowed "$module") "
    [ "$(allowed "$module")" != unlisted ] || echo "module '$module' is not in the list of tests/style/includes_test.sh"
    while IFS=: read -r file used; do
      [[ "$may" == *" $used "* ]] || echo "$file includes $used"
    done < <(grep -rnoE '^ *# *include *["<]mudra/[a-z0-9_]+/' --include='*.[ch]pp' "$folder" |
             sed -E 's/^([^:]+):[0-9]+:.*mudra\/([a-z0-9_]+)\/$/\1:\2/')
    grep -rnE '^ *# *include *"' --include='*.[ch]pp' "$folder" | grep -vE '"mudra/|"hwy/|"device/(host|s3|wasm)/' || true
  done
}

found=$(violations .)
[ -z "$found" ] || fail "includes against the architecture:
$found"

# The check itself must be able to fail.
probe=$(mktemp -d)
mkdir -p "$probe/mudra/base"
echo '#include "mudra/data/dataset.hpp"' >"$probe/mudra/base/wrong.hpp"
found=$(violations "$probe")
rm -rf "$probe"
[[ "$found" == *"wrong.hpp includes data"* ]] || fail "a forbidden include was not noticed"
