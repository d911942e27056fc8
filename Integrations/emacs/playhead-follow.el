;;; playhead-follow.el --- Follow people who record with Playhead  -*- lexical-binding: t -*-

;; Version: 1
;; Package-Requires: ((emacs "28.1"))
;; Keywords: tools

;;; Commentary:

;; M-x playhead-follow shows what a leader does, as they type, in buffers that only the leader changes; the window goes
;; with them from file to file and into their shell.  One's own move loosens that, M-x playhead-follow ties it again.
;; docs/EDITOR-FOLLOW.md says what `playhead follow --editor' tells.

;;; Code:

(require 'cl-lib)
(require 'json)
(require 'subr-x)
(require 'playhead-page)
(require 'playhead-tether)

(defgroup playhead nil "Recording and following coding sessions." :group 'tools)

(defcustom playhead-program "playhead" "The program." :type 'string)

(defcustom playhead-broker nil
  "The broker: amqp://NAME:PASSWORD@HOST/VHOST."
  :type '(choice (const :tag "PLAYHEAD_BROKER of the environment" nil) string))

;;;; The window that shows what the leader does

(defvar playhead--window nil "The window.")
(defvar playhead--expected nil "Its (BUFFER . POINT) if nobody moved it.")

(defun playhead--shown ()
  "The page in the window; nil if there is none."
  (and (window-live-p playhead--window)
       (buffer-local-value 'playhead--page (window-buffer playhead--window))))

(defun playhead--settle ()
  "Take where the window stands now as where it is meant to."
  (setq playhead--expected
        (and (playhead--shown) (cons (window-buffer playhead--window) (window-point playhead--window)))))

(defun playhead--visible (page)
  "Whether the leader's place in PAGE is on the screen."
  (and (eq (playhead--shown) page)
       (pos-visible-in-window-p (playhead--place page) playhead--window)))

(defun playhead--go (page)
  "Show the leader's place in PAGE.
From the leader's own first line, where their cursor is then on the screen."
  (when (window-live-p playhead--window)
    (unless (eq (playhead--shown) page)
      (ignore-errors (set-window-buffer playhead--window (playhead-page-buffer page))))
    (when (eq (playhead--shown) page)
      (with-current-buffer (playhead-page-buffer page)
        (let* ((position (playhead--place page))
               (first (playhead-page-first-line page))
               (start (and first (playhead--line (1+ first)))))
          (set-window-point playhead--window position)
          (when (and start (<= start position)
                     (< (count-lines start position) (window-body-height playhead--window)))
            (set-window-start playhead--window start t)))))))

;;;; What is told

(defvar playhead--process nil "The child.")
(defvar playhead--at nil "The id of where the leader is.")
(defvar playhead--tether '(disconnected) "The tether.")
(defvar playhead--status nil "The last status told, in words.")
(defvar playhead--whom "" "Who is followed, in words.")

(defun playhead--header ()
  "The header line of a page."
  (let ((page playhead--page))
    (replace-regexp-in-string
     "%" "%%"
     (format "%s%s  %s | %s"
             (if page (playhead-page-name page) playhead--whom)
             (cond ((null page) "") ((playhead-page-private page) " (private)") ((playhead-page-closed page) " (closed)")
                   (t ""))
             (or playhead--status "connecting")
             (pcase (car playhead--tether)
               ('retracted "following") ('extended "following, loosely") (_ "not following"))))))

(defun playhead--step (event &optional visible)
  "Let EVENT happen to the tether; VISIBLE as there."
  (let ((before (car playhead--tether))
        (page (gethash playhead--at playhead--pages))
        (result (playhead-tether-step playhead--tether event (float-time) visible)))
    (setq playhead--tether (car result))
    (when (and page (eq (cdr result) 'go)) (playhead--go page))
    (unless (eq before (car playhead--tether))
      (when (and (eq (car playhead--tether) 'disconnected) (not (eq event 'cut)))
        (message "You moved; M-x playhead-follow follows %s again" playhead--whom))
      (force-mode-line-update t))))

(defun playhead--look ()
  "After a command: whether the follower moved the window."
  (when playhead--expected
    (cond
     ((not (playhead--shown))
      (setq playhead--expected nil)
      (playhead--step 'cut))
     ((or (not (equal playhead--expected (cons (window-buffer playhead--window) (window-point playhead--window))))
          (and (symbolp this-command) (get this-command 'scroll-command) (eq (selected-window) playhead--window)))
      (playhead--settle)
      (playhead--step 'own)))))

(defun playhead--take-document (said)
  "A whole text: SAID."
  (let ((page (or (gethash (plist-get said :id) playhead--pages)
                  (playhead--add (plist-get said :id) (plist-get said :name)))))
    (unless (equal (playhead-page-name page) (plist-get said :name))
      (setf (playhead-page-name page) (plist-get said :name))
      (with-current-buffer (playhead-page-buffer page) (rename-buffer (format "*%s*" (plist-get said :name)) t)))
    (setf (playhead-page-private page) (plist-get said :private) (playhead-page-closed page) nil)
    (playhead--set-mode page (playhead--text (plist-get said :path)) (plist-get said :language))
    (playhead--clear page)
    (playhead--set-text page (playhead--text (plist-get said :text)))))

(defun playhead--take-terminal (said)
  "A screen as lines: SAID."
  (let ((page (or (gethash (plist-get said :id) playhead--pages)
                  (playhead--add (plist-get said :id) (or (plist-get said :name) "terminal"))))
        (lines (plist-get said :lines)) (row (plist-get said :row)))
    (playhead--clear page)
    (while (and (> (length lines) (1+ row)) (string-blank-p (car (last lines)))) (setq lines (butlast lines)))
    (playhead--set-text page (mapconcat #'identity lines "\n"))
    (with-current-buffer (playhead-page-buffer page)
      (save-excursion
        (goto-char (playhead--line (1+ row)))
        (let ((inhibit-read-only t)) (move-to-column (plist-get said :column) t))
        (setf (playhead-page-length page) (playhead--offset page (point-max)))
        (setf (playhead-page-cursor page) (playhead--mark-cursor page (point)))))))

(defun playhead--take-close (page)
  "The leader closed the document of PAGE; its buffer goes when nobody looks at it."
  (setf (playhead-page-closed page) t)
  (unless (get-buffer-window (playhead-page-buffer page) t) (kill-buffer (playhead-page-buffer page))))

(defun playhead--take (said)
  "One line: SAID.  Non-nil if the leader may have moved by it."
  (let* ((id (plist-get said :id)) (page (and id (gethash id playhead--pages))))
    (pcase (plist-get said :do)
      ("document" (playhead--take-document said))
      ("terminal" (playhead--take-terminal said))
      ("edit"
       (when (and page (not (playhead--edit page (plist-get said :offset) (plist-get said :removed)
                                            (playhead--text (plist-get said :text)))))
         (process-send-string playhead--process (concat id "\n"))))
      ("cursor"
       (when (and page (not (playhead-page-private page)))
         (setf (playhead-page-first-line page) (plist-get said :first_line))
         (playhead--draw page (plist-get said :selections))))
      ("close" (when page (playhead--take-close page)))
      ("focus" (setq playhead--at id))
      ("status"
       (setq playhead--status
             (cond ((plist-get said :over) "ended") ((plist-get said :live) "LIVE")
                   ((string-empty-p (plist-get said :text)) "behind") (t (concat "behind: " (plist-get said :text)))))
       (force-mode-line-update t)))
    ;; An edit is followed by the cursor behind it.
    (and id (equal id playhead--at) (not (member (plist-get said :do) '("edit" "close"))))))

(defun playhead--parse (line)
  "The object of LINE as a plist; the quick reader takes no NUL."
  (condition-case nil
      (json-parse-string line :object-type 'plist :array-type 'list :false-object nil)
    (error (let ((json-object-type 'plist) (json-array-type 'list) (json-false nil)) (json-read-from-string line)))))

(defun playhead--filter (process output)
  "Take the lines of OUTPUT of PROCESS; the window moves once for all of them."
  (let ((parts (split-string output "\n")) moved)
    (while (cdr parts)
      (let ((line (apply #'concat (nreverse (cons (pop parts) (process-get process 'rest))))))
        (process-put process 'rest nil)
        (when (eq process playhead--process)
          (with-demoted-errors "playhead: %S" (when (playhead--take (playhead--parse line)) (setq moved t))))))
    (process-put process 'rest (cons (car parts) (process-get process 'rest)))
    (when (eq process playhead--process)
      (let ((page (gethash playhead--at playhead--pages)))
        (when (and moved page) (playhead--step 'leader (playhead--visible page))))
      (when (or playhead--expected (playhead--shown)) (playhead--settle)))))

(defun playhead--sentinel (process _event)
  "PROCESS may have ended."
  (unless (process-live-p process)
    (let ((complaint (process-get process 'complaint)))
      (while (accept-process-output complaint 0.1))
      (when (eq process playhead--process)
        (let ((why (with-current-buffer (process-buffer complaint) (string-trim (buffer-string)))))
          (setq playhead--process nil
                playhead--status (if (zerop (process-exit-status process)) "ended" (concat "behind: " why)))
          (unless (zerop (process-exit-status process)) (message "%s" why)))
        (force-mode-line-update t))
      (let ((buffer (process-buffer complaint)))
        (delete-process complaint)
        (kill-buffer buffer)))))

(defun playhead--start (whom)
  "Start the child for WHOM, a list of words."
  (let* ((process-environment (if playhead-broker (cons (concat "PLAYHEAD_BROKER=" playhead-broker) process-environment)
                                process-environment))
         (complaint (make-pipe-process :name "playhead-complaint" :noquery t :sentinel #'ignore
                                       :buffer (generate-new-buffer " *playhead complaint*")))
         (process (make-process
                   :name "playhead-follow" :command `(,playhead-program "follow" "--editor" ,@whom)
                   :connection-type 'pipe :coding 'utf-8-unix :noquery t :filter #'playhead--filter
                   :sentinel #'playhead--sentinel :stderr complaint)))
    (process-put process 'complaint complaint)
    (setq playhead--process process)))

;;;###autoload
(defun playhead-follow (whom)
  "Follow WHOM, words like @alice or a session, in the selected window.
Without a word while somebody is followed: tie the window to them again."
  (interactive
   (list (unless (and (process-live-p playhead--process) (not current-prefix-arg))
           (split-string (read-string "Follow (@NAME or session, none for all): ")))))
  (let ((words (if (stringp whom) (split-string whom) whom)))
    (when (or words (not (process-live-p playhead--process)))
      (playhead-unfollow t)
      (setq playhead--whom (if words (string-join words " ") "everybody") playhead--status nil playhead--at nil)
      (playhead--start words)
      (setq playhead--window (selected-window))
      (switch-to-buffer (playhead-page-buffer (playhead--add "" playhead--whom)) nil t))
    (unless (playhead--shown) (setq playhead--window (selected-window)))
    (add-hook 'post-command-hook #'playhead--look)
    (playhead--step 'tie)
    (playhead--settle)))

(defun playhead-unfollow (&optional over)
  "Stop following: the buffers go on changing, the window stays.
With OVER, a prefix, they go as well."
  (interactive "P")
  (playhead--step 'cut)
  (when over
    (remove-hook 'post-command-hook #'playhead--look)
    (setq playhead--expected nil)
    (let ((process playhead--process))
      (setq playhead--process nil)
      (when (process-live-p process) (delete-process process)))
    (dolist (page (hash-table-values playhead--pages)) (kill-buffer (playhead-page-buffer page))))
  (force-mode-line-update t))

(provide 'playhead-follow)
;;; playhead-follow.el ends here
