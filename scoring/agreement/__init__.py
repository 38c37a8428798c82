"""How well readers agree: answers as numbers in, coefficients with honest intervals out."""
