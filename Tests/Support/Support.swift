/// Test support.
public enum Support {}
