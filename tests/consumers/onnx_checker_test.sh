# The onnx package's own checker accepts what we write.
/usr/bin/python3 -c 'import onnx' 2>/dev/null || skip "python3-onnx is not installed"
source "$MUDRA_SOURCE/tests/consumers/consumers.sh"
choose_models
"$MUDRA" export "${MODELS[0]}" --out exported >/dev/null 2>&1
/usr/bin/python3 - <<'END' || fail "the onnx checker refuses the file"
import json, onnx
model = onnx.load("exported/model.onnx")
onnx.checker.check_model(model, full_check=True)
metadata = {entry.key: entry.value for entry in model.metadata_props}
assert len(json.loads(metadata["classes"])) == 8, metadata
assert metadata["preprocessing"] and metadata["version"], metadata
assert model.opset_import[0].version >= 13
assert not any(node.op_type == "BatchNormalization" for node in model.graph.node)
END
