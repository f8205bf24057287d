"""The painter: neural style transfer after Gatys, Ecker and Bethge (2016)."""
