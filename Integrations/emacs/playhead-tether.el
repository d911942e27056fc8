;;; playhead-tether.el --- The tether between a follower and a leader  -*- lexical-binding: t -*-

;;; Commentary:

;; docs/EDITOR-FOLLOW.md says how it behaves.

;;; Code:

(defconst playhead-tether-window 1.0
  "Seconds after one's own move in which the leader's next one cuts the tether.")

(defun playhead-tether-step (now event time &optional visible)
  "What the tether NOW becomes by EVENT at TIME, in seconds: (NEXT . ACTION).
A tether is (STATE . MOVED): `retracted', `extended' or `disconnected', and
when the follower moved last.  EVENT is `tie', `cut', `own' (the follower
moved) or `leader' (the leader moved; VISIBLE: to where the follower sees it).
ACTION is `go' if the view goes to the leader, else nil."
  (cond
   ((eq event 'tie) '((retracted) . go))
   ((eq event 'cut) '((disconnected)))
   ((eq (car now) 'disconnected) (list now))
   ((eq event 'own) (list (cons 'extended time)))
   ((eq (car now) 'retracted) (cons now 'go))
   (visible (list now))
   ((< (- time (cdr now)) playhead-tether-window) '((disconnected)))
   (t '((retracted) . go))))

(provide 'playhead-tether)
;;; playhead-tether.el ends here
