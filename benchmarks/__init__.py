"""How good and how fast the painter is, measured; ``benchmarks/README.md`` says how to run each."""
