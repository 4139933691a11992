"""Simulate: the levers of reforms as sliders and switches, the whole sample's life courses recomputed at every change."""
