"""check_small_state.py FILE: FILE holds what small_state() in pth_files.hpp describes, as PyTorch reads it."""
import collections
import sys

import torch

state = torch.load(sys.argv[1], weights_only=True)
assert type(state) is collections.OrderedDict, type(state)
expected = {
    "first.0.weight": torch.tensor([1.0, -2.5, 3e-38, 16777216.0]).reshape(2, 1, 1, 2),
    "first.1.num_batches_tracked": torch.tensor(1),
    "long": torch.tensor([-(2**40), 7]),
    "empty": torch.zeros(0, 3),
}
assert list(state) == list(expected), list(state)
for name, tensor in expected.items():
    assert state[name].dtype == tensor.dtype and state[name].shape == tensor.shape, name
    assert torch.equal(state[name], tensor), name
    assert state[name].is_contiguous() and not state[name].requires_grad, name
