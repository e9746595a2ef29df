package mongostore

import (
	"context"
	"errors"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"wxhub/model"
)

type cursorRecord struct {
	Name  string `bson:"_id"`
	Value string `bson:"value"`
}

// Cursor returns what was saved under a name, "" when nothing was.
func (s *Store) Cursor(ctx context.Context, name string) (string, error) {
	r, err := find[cursorRecord](ctx, s.cursors, name)
	if errors.Is(err, model.ErrNotFound) {
		return "", nil
	}
	return r.Value, err
}

// SaveCursor saves it, in place of what was there.
func (s *Store) SaveCursor(ctx context.Context, name, value string) error {
	err := s.saveCursor(ctx, name, value)
	if mongo.IsDuplicateKeyError(err) { // somebody else saved the first value at the same time
		err = s.saveCursor(ctx, name, value)
	}
	if err != nil {
		return unavailable("save cursor", err)
	}
	return nil
}

func (s *Store) saveCursor(ctx context.Context, name, value string) error {
	byName := bson.D{{Key: "_id", Value: name}}
	_, err := s.cursors.ReplaceOne(ctx, byName, cursorRecord{name, value}, options.Replace().SetUpsert(true))
	return err
}
