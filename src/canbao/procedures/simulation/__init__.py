"""What-if: a procedure as a model that can be run, changes to it, and what they would bring."""
