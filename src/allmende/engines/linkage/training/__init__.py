"""Where the models come from: pairs made of real and invented records (``material``), and the fitting (``train``)."""
