"""Kernels that go through sixteen workers at once, for runs of which only totals are wanted: the large ones.

A lane is a worker: every number of a rule becomes a vector with one number a worker, and a processor computes with eight
of them, or four, as fast as with one. For that all lanes must do the same at the same time, so a rule's conditions turn
into choices between what both ways give (`straight`); a way that takes long is left out where none of the sixteen wants
it. What is the same for all workers, as a year's figure for the nation, stays a plain number. An unknown number is NaN,
whole or not.

The vectors are LLVM's own (`vectors`): which instructions they become is for the processor at hand to say, but that they
are vectors is not left to what a compiler makes of loops. They give the same digits on every processor, since logarithms,
exponentials and sums are made of the same steps everywhere (`arithmetic`, `memory`).

`kernel` writes the file, `nodes` what stands in it for each rule and figure.
"""
