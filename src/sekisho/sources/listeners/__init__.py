"""Where exporters and devices send to: sockets that do nothing but write down what arrives."""
