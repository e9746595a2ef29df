package sandbox

import "slices"

// followerPage is the answer of user/get. An empty page has no data.
type followerPage struct {
	Total      int           `json:"total"`
	Count      int           `json:"count"`
	Data       *followerData `json:"data,omitempty"`
	NextOpenID string        `json:"next_openid"`
}

type followerData struct {
	OpenID []string `json:"openid"`
}

// followersPage is the usual size of a page.
const followersPage = 10000

func (p *Platform) followerList(in *wxCall) (any, *wxError) {
	app, failed := p.accountOf(in)
	if failed != nil {
		return nil, failed
	}
	var all []string
	for _, f := range p.audience.list(app) {
		all = append(all, f.user.OpenIDs[app])
	}
	rest := all
	if after := in.query.Get("next_openid"); after != "" {
		i := slices.Index(all, after)
		if i < 0 {
			return nil, &wxError{codeOpenID, "invalid openid"}
		}
		rest = all[i+1:]
	}
	size := p.behaviour.FollowersPage
	if size <= 0 {
		size = followersPage
	}
	out := followerPage{Total: len(all), Count: min(size, len(rest))}
	if out.Count > 0 {
		out.Data = &followerData{rest[:out.Count]}
		out.NextOpenID = rest[out.Count-1]
	}
	return out, nil
}
