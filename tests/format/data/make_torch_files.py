#!/usr/bin/env python3
"""Writes the .pth files of pth_reader_test.cpp with PyTorch (made with 1.13). Run it in this folder."""
import collections

import torch

state = collections.OrderedDict()
state["parameter"] = torch.nn.Parameter(torch.arange(6, dtype=torch.float32).reshape(2, 3))
state["half"] = torch.tensor([1.5, -2.0, 2.0**-24, 65504.0, float("-inf")]).half()
state["bfloat16"] = torch.tensor([1.5, -0.25]).bfloat16()
state["double"] = torch.tensor([[0.1], [1e300]], dtype=torch.float64)
base = torch.arange(24, dtype=torch.float32).reshape(2, 3, 4)
state["whole"] = base
state["transposed"] = base.permute(2, 0, 1)
state["window"] = base[1, 1:, ::2]
state["expanded"] = torch.tensor([7.0]).expand(3)
state["long"] = torch.tensor([-(2**40), 5])
state["int"] = torch.tensor([-3, 4], dtype=torch.int32)
state["short"] = torch.tensor([-300], dtype=torch.int16)
state["char"] = torch.tensor([-8], dtype=torch.int8)
state["byte"] = torch.tensor([200], dtype=torch.uint8)
state["bool"] = torch.tensor([True, False])
state["scalar"] = torch.tensor(42)
state["empty"] = torch.zeros(0, 3)

for protocol in (2, 3, 4, 5):
    torch.save(state, f"state_protocol_{protocol}.pth", pickle_protocol=protocol)

checkpoint = {
    "epoch": 17,
    "best_accuracy": 0.97,
    "history": [1.5, None, -1, 2**40, True],
    "optimizer_state_dict": torch.optim.Adam([state["parameter"]]).state_dict(),
    "model_state_dict": torch.nn.BatchNorm2d(2).state_dict(),
}
torch.save(checkpoint, "checkpoint.pth")
torch.save(torch.nn.Linear(1, 1), "whole_model.pth")
torch.save(torch.ones(2), "tensor.pth")
torch.save(torch.nn.Linear(1, 1).state_dict(), "legacy.pth", _use_new_zipfile_serialization=False)
torch.jit.save(torch.jit.script(torch.nn.ReLU()), "script.pth")
