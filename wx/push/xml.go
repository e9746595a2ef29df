package push

import "wxhub/wx/flat"

// readXML reads <xml><Name>value</Name>…</xml>, strictly.
func readXML(body []byte) (fields, error) {
	found, err := flat.Read(body, maxDepth)
	if err != nil {
		return nil, malformed(err.Error())
	}
	return found, nil
}
