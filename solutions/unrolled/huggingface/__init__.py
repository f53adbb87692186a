"""The one door to weights from elsewhere: a file for each family of models, and in `door` what they share."""
