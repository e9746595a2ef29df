package identity

import "time"

// UserView is a user as the API and the events show it (CONTRACT §3).
type UserView struct {
	ID         string         `json:"id"`
	UnionID    string         `json:"union_id,omitempty"`
	Phone      string         `json:"phone,omitempty"`
	Identities []IdentityView `json:"identities" nullable:"false"`
	CreatedAt  time.Time      `json:"created_at"`
}

// IdentityView is the user in one app.
type IdentityView struct {
	AppID  string `json:"app_id"`
	Kind   string `json:"kind" enum:"mini_program,official_account,website,mobile_app"`
	OpenID string `json:"open_id"`
}

// View shows a person to the outside. union_id is that of the oldest identity that has one.
func View(p Person) UserView {
	v := UserView{ID: p.User.ID, Phone: p.User.Phone, Identities: []IdentityView{}, CreatedAt: p.User.CreatedAt}
	for _, i := range p.Identities {
		if v.UnionID == "" {
			v.UnionID = i.UnionID
		}
		v.Identities = append(v.Identities, IdentityView{AppID: i.AppID, Kind: string(i.Kind), OpenID: i.OpenID})
	}
	return v
}
