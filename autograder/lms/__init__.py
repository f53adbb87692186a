"""Canvas, Moodle and Colab: what they call the files they give out, the class that they list, the grades they take."""
