;;; playhead-page.el --- Buffers that hold a leader's text  -*- lexical-binding: t -*-

;;; Commentary:

;; A page holds the leader's text byte for byte; nobody else changes it.

;;; Code:

(require 'cl-lib)

(defface playhead-leader '((t :inverse-video t)) "The leader's cursor." :group 'playhead)
(defface playhead-leader-selection '((t :inherit region)) "What the leader has selected."
  :group 'playhead)

(cl-defstruct (playhead-page (:copier nil))
  id buffer name path
  (length 0)                            ; bytes of the text
  raw                                   ; whether it may hold bytes that are no UTF-8
  private closed
  first-line                            ; of the leader's window, from 0
  cursor overlays)                      ; the overlay of the main cursor, and all

(defvar playhead--pages (make-hash-table :test #'equal) "The pages by id.")
(defvar-local playhead--page nil "The page of this buffer.")

(defconst playhead--raw (string ?\[ #x3fff80 ?- #x3fffff ?\]) "Matches a byte that is no UTF-8.")

(defun playhead--text (value)
  "The text of a member VALUE: a string, or {\"b64\": ...}."
  (if (stringp value) value
    (decode-coding-string (base64-decode-string (plist-get value :b64)) 'utf-8-unix)))

(defun playhead--raws (page end)
  "How many bytes before END in PAGE are no UTF-8; Emacs keeps each in two."
  (if (not (playhead-page-raw page)) 0
    (save-excursion
      (goto-char (point-min))
      (let ((case-fold-search nil) (count 0))
        (while (re-search-forward playhead--raw end t) (cl-incf count))
        count))))

(defun playhead--offset (page position)
  "The byte offset of POSITION in the current buffer, that of PAGE."
  (- (position-bytes position) 1 (playhead--raws page position)))

(defun playhead--position (page offset)
  "The position of byte OFFSET in the current buffer, that of PAGE.
Inside a character: its beginning."
  (let* ((end (position-bytes (point-max)))
         (at (min (1+ offset) end))
         (position (byte-to-position at)) next)
    ;; A byte that is no UTF-8 counts as one, and is two here: also where `at' is inside it.
    (while (< at (setq next (min end (+ 1 offset (playhead--raws
                                                  page (if (< (position-bytes position) at) (1+ position) position))))))
      (setq at next position (byte-to-position at)))
    position))

(defun playhead--add (id name)
  "A new page with ID and NAME."
  (let ((page (make-playhead-page :id id :name name :buffer (generate-new-buffer (format "*%s*" name)))))
    (puthash id page playhead--pages)
    (with-current-buffer (playhead-page-buffer page) (playhead--dress page))
    page))

(defun playhead--dress (page)
  "Make the current buffer that of PAGE, whatever its major mode did."
  (setq playhead--page page buffer-read-only t buffer-undo-list t)
  (setq-local header-line-format '(:eval (playhead--header)))
  (put 'playhead--page 'permanent-local t)
  (add-hook 'kill-buffer-hook #'playhead--forget nil t))

(defun playhead--forget ()
  "The current buffer is no page any more."
  (when playhead--page
    (remhash (playhead-page-id playhead--page) playhead--pages)
    (setq playhead--page nil)))

(defun playhead--set-text (page text)
  "Let PAGE have TEXT; windows stay at their lines."
  (with-current-buffer (playhead-page-buffer page)
    (let ((inhibit-read-only t)
          (places (mapcar (lambda (window)
                            (list window (line-number-at-pos (window-point window))
                                  (line-number-at-pos (window-start window))))
                          (get-buffer-window-list nil nil t))))
      (erase-buffer)
      (insert text)
      (setf (playhead-page-raw page) (and (string-match-p playhead--raw text) t))
      (setf (playhead-page-length page) (playhead--offset page (point-max)))
      (pcase-dolist (`(,window ,line ,start) places)
        (set-window-start window (playhead--line start) t)
        (set-window-point window (playhead--line line))))))

(defun playhead--line (number)
  "The beginning of line NUMBER in the current buffer, or the last line's."
  (save-excursion
    (goto-char (point-min))
    (forward-line (1- number))
    (point)))

(defun playhead--edit (page offset removed text)
  "Remove REMOVED bytes at OFFSET of PAGE and put TEXT there.
Nil if that does not fit."
  (when (<= (+ offset removed) (playhead-page-length page))
    (with-current-buffer (playhead-page-buffer page)
      (let* ((inhibit-read-only t)
             (behind (+ offset removed))
             (start (playhead--position page offset))
             (end (playhead--position page behind))
             (came (string-bytes (encode-coding-string text 'utf-8-unix))))
        (unless (= (playhead--offset page end) behind) (setq end (1+ end)))
        (unless (and (= (playhead--offset page start) offset) (= (playhead--offset page end) behind))
          ;; Bytes that Emacs shows as one character are cut.
          (let* ((first (playhead--offset page start))
                 (bytes (encode-coding-string (buffer-substring-no-properties start end) 'utf-8-unix)))
            (setq text (decode-coding-string
                        (concat (substring bytes 0 (- offset first)) (encode-coding-string text 'utf-8-unix)
                                (substring bytes (- behind first)))
                        'utf-8-unix))))
        (save-excursion
          (goto-char start)
          (delete-region start end)
          (insert text))
        (when (string-match-p playhead--raw text) (setf (playhead-page-raw page) t))
        (cl-incf (playhead-page-length page) (- came removed))
        (= (playhead-page-length page) (playhead--offset page (point-max)))))))

(defun playhead--set-mode (page path language)
  "Give the buffer of PAGE the major mode of PATH, else of LANGUAGE.
Without anything that hooks would start."
  (unless (equal path (playhead-page-path page))
    (setf (playhead-page-path page) path)
    (with-current-buffer (playhead-page-buffer page)
      (ignore-errors
        (delay-mode-hooks
          (let ((enable-local-variables nil) (enable-dir-local-variables nil) (inhibit-read-only t))
            (let ((buffer-file-name path)) (set-auto-mode))
            (unless (derived-mode-p 'prog-mode 'text-mode 'conf-mode)
              (let ((mode (intern-soft (concat language "-mode"))))
                (if (fboundp mode) (funcall mode) (fundamental-mode))
                (unless (derived-mode-p 'prog-mode 'text-mode 'conf-mode) (fundamental-mode)))))))
      (setq-local delayed-mode-hooks nil)
      (ignore-errors (font-lock-mode 1))
      (playhead--dress page))))

;;;; The leader's cursor and selections

(defun playhead--mark (page from to face)
  "An overlay in PAGE with FACE, FROM one position TO another."
  (let ((overlay (make-overlay from to (playhead-page-buffer page))))
    (overlay-put overlay 'face face)
    (push overlay (playhead-page-overlays page))
    overlay))

(defun playhead--mark-cursor (page position)
  "An overlay that shows a cursor at POSITION of PAGE."
  (if (or (= position (point-max)) (eq (char-after position) ?\n))
      (let ((overlay (playhead--mark page position position nil)))
        (overlay-put overlay 'after-string (propertize " " 'face 'playhead-leader))
        overlay)
    (let ((overlay (playhead--mark page position (1+ position) 'playhead-leader)))
      (overlay-put overlay 'priority 20)
      overlay)))

(defun playhead--place (page)
  "Where the leader is in PAGE, a position."
  (or (and (playhead-page-cursor page) (overlay-start (playhead-page-cursor page))) 1))

(defun playhead--clear (page)
  "Take the leader's marks out of PAGE."
  (mapc #'delete-overlay (playhead-page-overlays page))
  (setf (playhead-page-overlays page) nil (playhead-page-cursor page) nil))

(defun playhead--draw (page selections)
  "Show SELECTIONS, pairs of offsets, in PAGE; the first is the main one."
  (playhead--clear page)
  (with-current-buffer (playhead-page-buffer page)
    (dolist (selection selections)
      (let ((anchor (playhead--position page (car selection)))
            (head (playhead--position page (cadr selection))))
        (unless (= anchor head)
          (playhead--mark page (min anchor head) (max anchor head) 'playhead-leader-selection))
        (let ((cursor (playhead--mark-cursor page head)))
          (unless (playhead-page-cursor page)
            (setf (playhead-page-cursor page) cursor)))))))

(provide 'playhead-page)
;;; playhead-page.el ends here
