"""From a YAML fixture to the records of a world, with every mistake of the fixture named at once."""
