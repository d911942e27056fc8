# playhead: fish
