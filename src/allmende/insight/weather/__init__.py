"""Weather of measured places: delivered by station, observed apart from forecast; a place uses the nearest station."""
