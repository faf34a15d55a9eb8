"""What can be observed of a run, as frozen data; nothing here simulates or draws."""
