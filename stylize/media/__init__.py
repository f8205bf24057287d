"""Untrusted bytes to pictures and back: decoding in a sandbox, pixels as tensors, files, films."""
