package sandbox

import (
	"strconv"
	"sync"
)

// menuButton is a button of an official account's menu as the platform keeps it.
type menuButton struct {
	Type      string       `json:"type,omitempty"`
	Name      string       `json:"name"`
	Key       string       `json:"key,omitempty"`
	URL       string       `json:"url,omitempty"`
	AppID     string       `json:"appid,omitempty"`
	PagePath  string       `json:"pagepath,omitempty"`
	MediaID   string       `json:"media_id,omitempty"`
	ArticleID string       `json:"article_id,omitempty"`
	Sub       []menuButton `json:"sub_button"`
}

// menuRule says who sees a conditional menu. The platform takes strings and numbers.
type menuRule struct {
	TagID    looseText `json:"tag_id,omitempty"`
	Platform looseText `json:"client_platform_type,omitempty"`
}

// menuSheet is one menu.
type menuSheet struct {
	Buttons []menuButton `json:"button"`
	Rule    *menuRule    `json:"matchrule,omitempty"`
	ID      int64        `json:"menuid"`
}

// menus are what the accounts show: the default sheet and the conditional ones, in the order in which they were made.
type menus struct {
	mu     sync.Mutex
	nextID int64
	sheets map[string][]menuSheet // by app; the default one has no rule
}

func newMenus() *menus { return &menus{nextID: firstMenuID, sheets: map[string][]menuSheet{}} }

// firstMenuID is of the size of real ones.
const firstMenuID = 208396938

// create replaces the default sheet, or adds a conditional one, for which there must be a default one.
func (m *menus) create(app string, s menuSheet) (menuSheet, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	_, there := m.standard(app)
	if s.Rule != nil && !there {
		return s, false
	}
	s.ID = m.nextID
	m.nextID++
	if s.Rule == nil {
		for i, old := range m.sheets[app] {
			if old.Rule == nil {
				m.sheets[app][i] = s
				return s, true
			}
		}
	}
	m.sheets[app] = append(m.sheets[app], s)
	return s, true
}

func (m *menus) standard(app string) (menuSheet, bool) {
	for _, s := range m.sheets[app] {
		if s.Rule == nil {
			return s, true
		}
	}
	return menuSheet{}, false
}

// list is the default sheet and the conditional ones, the newest first.
func (m *menus) list(app string) (standard *menuSheet, conditional []menuSheet) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if s, there := m.standard(app); there {
		standard = &s
	}
	for _, s := range m.sheets[app] {
		if s.Rule != nil {
			conditional = append([]menuSheet{s}, conditional...)
		}
	}
	return standard, conditional
}

// remove takes one conditional sheet away; false when there is none of this id.
func (m *menus) remove(app, id string) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	for i, s := range m.sheets[app] {
		if s.Rule != nil && strconv.FormatInt(s.ID, 10) == id {
			m.sheets[app] = append(m.sheets[app][:i:i], m.sheets[app][i+1:]...)
			return true
		}
	}
	return false
}

// clear takes all sheets away; false when there were none.
func (m *menus) clear(app string) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	there := len(m.sheets[app]) > 0
	delete(m.sheets, app)
	return there
}

func (m *menus) reset() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.nextID, m.sheets = firstMenuID, map[string][]menuSheet{}
}
