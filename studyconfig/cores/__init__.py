"""Where the cores of a tissue microarray lie on its slide. Pure: pixels and maps in, places out."""
