// Package user lets business backends read users.
package user

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"wxhub/identity"
	"wxhub/model"
	"wxhub/server/edge"
)

type handlers struct{ identity *identity.Service }

// Mount adds the routes.
func Mount(api huma.API, s *identity.Service) {
	h := handlers{s}
	edge.Register(api, huma.Operation{
		OperationID: "getUser", Method: http.MethodGet, Path: "/v1/users/{id}",
		Summary: "One user", Tags: []string{"users"}, Security: edge.Backend(edge.ScopeUsers), Errors: []int{404},
		Description: "A user who was merged into another answers with the survivor, whose id it then has. One whose personal data were erased has erased_at and no identities.",
	}, h.get)
	edge.Register(api, huma.Operation{
		OperationID: "findUsers", Method: http.MethodGet, Path: "/v1/users",
		Summary: "Find a user, or list all", Tags: []string{"users"}, Security: edge.Backend(edge.ScopeUsers), Errors: []int{404, 409},
		Description: "With app_id and open_id, or with union_id, the answer is one user. With neither it is a page of all users, newest first.",
	}, h.find)
}

type getInput struct {
	ID string `path:"id"`
}

type getOutput struct{ Body identity.UserView }

func (h handlers) get(ctx context.Context, in *getInput) (*getOutput, error) {
	p, err := h.identity.Person(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	return &getOutput{identity.View(p)}, nil
}

type findInput struct {
	AppID        string `query:"app_id" maxLength:"64" doc:"with open_id"`
	OpenID       string `query:"open_id" maxLength:"128" doc:"with app_id"`
	UnionID      string `query:"union_id" maxLength:"128"`
	OpenPlatform string `query:"open_platform" maxLength:"64" doc:"with union_id, when several open-platform accounts are configured"`
	Limit        int    `query:"limit" minimum:"1" maximum:"100" default:"20"`
	Cursor       string `query:"cursor" maxLength:"64" doc:"next_cursor of the page before"`
}

// found is one user or a page of them.
type found struct {
	One  *identity.UserView
	Page *userPage
}

type userPage struct {
	Data       []identity.UserView `json:"data" nullable:"false"`
	NextCursor string              `json:"next_cursor,omitempty" doc:"absent on the last page"`
}

type findOutput struct{ Body found }

func (h handlers) find(ctx context.Context, in *findInput) (*findOutput, error) {
	byOpenID, byUnionID := in.AppID != "" || in.OpenID != "", in.UnionID != "" || in.OpenPlatform != ""
	switch {
	case byOpenID && byUnionID:
		return nil, model.InvalidField("union_id", "cannot be combined with app_id and open_id")
	case byOpenID && (in.AppID == "" || in.OpenID == ""):
		return nil, model.InvalidField("open_id", "and app_id are needed together")
	case byUnionID && in.UnionID == "":
		return nil, model.InvalidField("open_platform", "needs union_id")
	case byOpenID:
		return one(h.identity.Find(ctx, model.IdentityKey{AppID: in.AppID, OpenID: in.OpenID}))
	case byUnionID:
		return one(h.identity.FindByUnionID(ctx, in.OpenPlatform, in.UnionID))
	}
	return h.list(ctx, in)
}

func one(p identity.Person, err error) (*findOutput, error) {
	if err != nil {
		return nil, err
	}
	v := identity.View(p)
	return &findOutput{found{One: &v}}, nil
}

func (h handlers) list(ctx context.Context, in *findInput) (*findOutput, error) {
	if in.Cursor != "" && !model.ValidID(in.Cursor) {
		return nil, model.InvalidField("cursor", "is not one of ours")
	}
	people, next, err := h.identity.List(ctx, in.Cursor, in.Limit)
	if err != nil {
		return nil, err
	}
	p := userPage{Data: []identity.UserView{}, NextCursor: next}
	for _, person := range people {
		p.Data = append(p.Data, identity.View(person))
	}
	return &findOutput{found{Page: &p}}, nil
}
