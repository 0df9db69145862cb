"""Ways for a material to come in beside the file chooser: the scanner's folder, a phone as camera, the card reader."""
