"""The seminar: people join by code, ask, vote and answer polls; moderators let questions through, or say why not."""
