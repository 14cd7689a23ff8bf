// Processing
