package wx

// Menu is an official account's menu: the default one, and those that some followers see
// instead of it (PROTOCOL §6.5).
type Menu struct {
	Buttons     []MenuButton
	Conditional []ConditionalMenu
}

// MenuButton is one button; with Sub it opens those below it and has no type.
type MenuButton struct {
	Name      string // at most 16 bytes, of a button below another 60
	Type      string
	Key       string // click and the like, at most 128 bytes
	URL       string // view; of miniprogram the page for old clients; at most 1024 bytes
	AppID     string // miniprogram
	PagePath  string // miniprogram
	MediaID   string
	ArticleID string
	Sub       []MenuButton
}

// ConditionalMenu is shown to the followers who match. The first one that matches counts,
// the newest first.
type ConditionalMenu struct {
	ID      string // WeChat's; "" before it has one
	Match   MenuMatch
	Buttons []MenuButton
}

// MenuMatch says who sees a conditional menu. At least one field is set.
type MenuMatch struct {
	TagID    string // of a group of followers
	Platform string // the phone's: 1 iOS, 2 Android, 3 others
}
