;;; probe.el --- In an Emacs that follows: tells what its pages hold  -*- lexical-binding: t -*-

;;; Code:

(require 'server)
(defvar probe-edits 0)
(defvar probe-refused 0)
(advice-add 'playhead--edit :filter-return
            (lambda (ok)
              (setq probe-edits (1+ probe-edits))
              (unless ok (setq probe-refused (1+ probe-refused)))
              ok))

(defun probe-write (folder)
  "FOLDER as probe.lua writes it."
  (make-directory folder t)
  (let* ((shown (playhead--shown)) (number 0) (coding-system-for-write 'utf-8-unix)
         (index (list (format "%s\t%s\t%s\t%d\t%d" (if shown (playhead-page-name shown) "") (car playhead--tether)
                              (or playhead--status "") probe-edits probe-refused))))
    (maphash
     (lambda (id page)
       (unless (or (playhead-page-closed page) (equal id ""))
         (with-current-buffer (playhead-page-buffer page)
           (let ((name (format "%d.text" (setq number (1+ number)))) (cursor (playhead-page-cursor page)))
             (write-region nil nil (expand-file-name name folder) nil 'silent)
             (push (format "%s\t%d\t%s" (or (playhead-page-path page) (playhead-page-name page))
                           (if cursor (playhead--offset page (overlay-start cursor)) -1) name)
                   index)))))
     playhead--pages)
    (write-region (string-join (nreverse index) "\n") nil (expand-file-name "index" folder) nil 'silent))
  t)

(setq server-socket-dir (getenv "PLAYHEAD_SOCKETS") server-name "emacs" ring-bell-function #'ignore)
(set-file-modes server-socket-dir #o700)
(server-start)
(playhead-follow (list (getenv "PLAYHEAD_WHOM")))

;;; probe.el ends here
