@main
enum Analytics {
    static func main() {}
}
