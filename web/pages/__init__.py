"""The pages people see: a module per noun, each with one blueprint called `pages`."""
