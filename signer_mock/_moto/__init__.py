"""moto's services as the mock uses them, a module each, imported when needed."""
