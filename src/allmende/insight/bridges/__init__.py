"""The only code of the module that knows engines and formats: tables in, their values out, and back."""
