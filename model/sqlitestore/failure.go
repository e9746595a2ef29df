package sqlitestore

import (
	"database/sql"
	"errors"
	"fmt"

	"wxhub/model"
)

// unavailable keeps the driver's error as the private cause.
func unavailable(op string, err error) error {
	return model.ErrUnavailable.Because(fmt.Errorf("sqlitestore: %s: %w", op, err))
}

// unavailableUnlessCoded leaves errors alone that have a meaning already.
func unavailableUnlessCoded(op string, err error) error {
	var coded *model.Error
	if err == nil || errors.As(err, &coded) {
		return err
	}
	return unavailable(op, err)
}

// missing tells "no such row" from a failure.
func missing(op string, err error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return model.ErrNotFound
	}
	return unavailableUnlessCoded(op, err)
}
