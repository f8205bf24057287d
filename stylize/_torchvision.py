"""torchvision, importable beside a torch that it was not compiled for.

torchvision's own kernels are compiled for the CUDA build of torch. Beside a CPU-only torch, or in
a mixed installation, its library does not load, and because it describes two of its operators to
torch at import time, the whole package fails with ``operator torchvision::nms does not exist``.
Nothing here uses these operators; declaring their signatures is enough to get at the rest.
Import torchvision through this module only.
"""

import sys

import torch

_UNUSED_OPERATORS = (
    "nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
    "qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
)

try:
    from torchvision.models import VGG19_Weights, vgg
    from torchvision.models.googlenet import BasicConv2d, GoogLeNet, GoogLeNet_Weights
except RuntimeError as _error:
    if "torchvision::" not in str(_error):
        raise
    # The operators live as long as this object.
    _library = torch.library.Library("torchvision", "DEF")  # type: ignore[no-untyped-call]
    for _signature in _UNUSED_OPERATORS:
        _library.define(_signature)  # type: ignore[no-untyped-call]
    # The failed import left modules behind that had stopped half-way.
    for _name in [name for name in sys.modules if name.split(".")[0] == "torchvision"]:
        del sys.modules[_name]
    from torchvision.models import VGG19_Weights, vgg
    from torchvision.models.googlenet import BasicConv2d, GoogLeNet, GoogLeNet_Weights

__all__ = ["BasicConv2d", "GoogLeNet", "GoogLeNet_Weights", "VGG19_Weights", "vgg"]
