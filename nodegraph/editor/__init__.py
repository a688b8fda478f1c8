"""The visual editor: a headless view-model, and a thin Dear PyGui layer over it."""
