from allmende.site.cli import main

main()
