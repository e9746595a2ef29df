// Package user lets business backends read users.
package user

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"wxhub/identity"
	"wxhub/server/edge"
)

type handlers struct{ identity *identity.Service }

// Mount adds the routes.
func Mount(api huma.API, s *identity.Service) {
	h := handlers{s}
	edge.Register(api, huma.Operation{
		OperationID: "getUser", Method: http.MethodGet, Path: "/v1/users/{id}",
		Summary: "One user", Tags: []string{"users"}, Security: edge.Backend(edge.ScopeUsers), Errors: []int{404},
	}, h.get)
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
