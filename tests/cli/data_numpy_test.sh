# NumPy loads what `data prepare` writes, and what NumPy saves is a set.
need_numpy

"$MUDRA" data synth --out hands --per-class 1 --people 2 --without-none 2>/dev/null
mv hands/s000 "hands/Zoë"
"$MUDRA" data prepare hands --out set.npz >/dev/null
"$NUMPY_PYTHON" - <<'PY' || fail "NumPy reads something else"
import numpy as np
with np.load("set.npz") as z:
    assert z["images"].shape == (16, 96, 96) and z["images"].dtype == np.uint8 and z["images"].any()
    assert z["labels"].dtype == np.int32 and z["subjects"].dtype == np.int32
    assert list(z["class_names"]) == ["palm", "l", "fist", "thumb", "index", "ok", "c", "down"]
    assert list(z["subject_names"]) == ["Zoë", "s001"], z["subject_names"]
    assert all(p.startswith(z["subject_names"][s] + "/" + z["class_names"][c] + "/")
               for p, s, c in zip(z["paths"], z["subjects"], z["labels"]))
    arrays = dict(z)
np.savez("plain.npz", **arrays)
np.savez_compressed("packed.npz", **arrays)
np.savez("wide.npz", images=arrays["images"], labels=arrays["labels"].astype(np.int64),
         class_names=arrays["class_names"])
np.savez("fortran.npz", **{**arrays, "images": np.asfortranarray(arrays["images"])})
np.savez("pickled.npz", **{**arrays, "paths": arrays["paths"].astype(object)})
np.savez("double.npz", **{**arrays, "images": arrays["images"].astype(float)})
np.savez("foreign.npz", x=np.arange(3))
np.save("bare.npy", arrays["images"])
np.save("flat.npy", arrays["images"].reshape(16, -1))
PY

"$MUDRA" data info set.npz | sed 1d >want
for set in plain packed; do
  "$MUDRA" data info $set.npz | sed 1d | cmp - want || fail "$set.npz is read differently"
done
expect_exit 0 "$MUDRA" data info wide.npz
expect_exit 0 "$MUDRA" data info bare.npy --sheet bare.png
expect_text out "bare.npy: 16 pictures without labels"

refused() {
  expect_exit 1 "$MUDRA" data info "$1"
  expect_one_line "$2"
}
refused fortran.npz "images.npy: the array is in column-major (Fortran) order"
refused pickled.npz "paths.npy: elements of type '|O' are not supported"
refused double.npz "images.npy: elements of type '<f8' are not supported"
refused foreign.npz "the array 'images' is missing"
refused flat.npy "images must have the shape [N, height, width]"
