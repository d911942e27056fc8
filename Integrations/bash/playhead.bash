# playhead: bash
