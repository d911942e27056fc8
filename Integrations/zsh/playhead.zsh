# playhead: zsh
